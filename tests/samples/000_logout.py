import requests

url = "http://localhost:8000/api/auth/logout"
payload = {"refresh_token": refresh_token}
response = requests.post(url, json=payload)
print(response.json()['message']) # "Successfully logged out"
