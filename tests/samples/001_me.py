import httpx

access_token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."

headers = {
    "Authorization": f"Bearer {access_token}"
}

response = httpx.post(
    "http://localhost:8000/api/auth/me",
    headers=headers
)

print(response.json())
