import requests

headers = {"Authorization": f"Bearer {access_token}"}
response = requests.get("http://localhost:8000/api/auth/me", headers=headers)
user_info = response.json()
print(f"Logged in as: {user_info['email']}")
print(f"User ID: {user_info['id']}")
