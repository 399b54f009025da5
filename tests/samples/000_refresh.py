import requests

def refresh_access_token(refresh_token):
    url = "http://localhost:8000/api/auth/refresh"
    payload = {"refresh_token": refresh_token}
    response = requests.post(url, json=payload)
    tokens = response.json()
    return tokens['access_token'], tokens['refresh_token']

# Usage
new_access_token, new_refresh_token = refresh_access_token(refresh_token)
