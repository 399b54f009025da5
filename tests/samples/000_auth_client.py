import requests
from datetime import datetime, timedelta

class AuthClient:
    def __init__(self, base_url="http://localhost:8000"):
        self.base_url = base_url
        self.access_token = None
        self.refresh_token = None
        self.token_expiry = None

    def register(self, email, password, full_name=None):
        """Register a new user"""
        url = f"{self.base_url}/api/auth/register"
        payload = {
            "email": email,
            "password": password,
            "full_name": full_name
        }
        response = requests.post(url, json=payload)
        response.raise_for_status()
        return response.json()

    def login(self, email, password):
        """Login and store tokens"""
        url = f"{self.base_url}/api/auth/login"
        payload = {"email": email, "password": password}
        response = requests.post(url, json=payload)
        response.raise_for_status()

        data = response.json()
        self.access_token = data['tokens']['access_token']
        self.refresh_token = data['tokens']['refresh_token']
        self.token_expiry = datetime.now() + timedelta(seconds=data['tokens']['expires_in'])
        return data['user']

    def refresh_tokens(self):
        """Refresh access token"""
        if not self.refresh_token:
            raise ValueError("No refresh token available")

        url = f"{self.base_url}/api/auth/refresh"
        payload = {"refresh_token": self.refresh_token}
        response = requests.post(url, json=payload)
        response.raise_for_status()

        data = response.json()
        self.access_token = data['access_token']
        self.refresh_token = data['refresh_token']
        self.token_expiry = datetime.now() + timedelta(seconds=data['expires_in'])

    def get_headers(self):
        """Get authorization headers, refreshing token if needed"""
        # Refresh if token will expire in next 5 minutes
        if self.token_expiry and datetime.now() >= self.token_expiry - timedelta(minutes=5):
            self.refresh_tokens()
        return {"Authorization": f"Bearer {self.access_token}"}

    def logout(self):
        """Logout and clear tokens"""
        if self.refresh_token:
            url = f"{self.base_url}/api/auth/logout"
            payload = {"refresh_token": self.refresh_token}
            requests.post(url, json=payload)
        self.access_token = None
        self.refresh_token = None
        self.token_expiry = None

# Usage
auth = AuthClient()

# Register
auth.register("[email protected] ", "SecurePass123!", "John Doe")

# Login
user = auth.login("[email protected] ", "SecurePass123!")
print(f"Logged in as {user['email']}")

# Make authenticated requests
headers = auth.get_headers()
response = requests.post(
    "http://localhost:8000/api/single/process",
    headers=headers,
    # ... other parameters
)

# Logout
auth.logout()
