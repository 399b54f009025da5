import requests
import time
from datetime import datetime, timedelta

class Igny8API:
    def __init__(self, base_url="https://api.igny8.com/api/v1"):
        self.base_url = base_url
        self.access_token = None
        self.refresh_token = None
        self.token_expires_at = None

    def login(self, email, password):
        """Login and store tokens"""
        response = requests.post(
            f"{self.base_url}/auth/login/",
            json={"email": email, "password": password}
        )
        data = response.json()

        if data['success']:
            self.access_token = data['data']['access']
            self.refresh_token = data['data']['refresh']
            # Token expires in 15 minutes
            self.token_expires_at = datetime.now() + timedelta(minutes=14)
            return True
        else:
            print(f"Login failed: {data['error']}")
            return False

    def refresh_access_token(self):
        """Refresh access token using refresh token"""
        if not self.refresh_token:
            return False

        response = requests.post(
            f"{self.base_url}/auth/refresh/",
            json={"refresh": self.refresh_token}
        )
        data = response.json()

        if data['success']:
            self.access_token = data['data']['access']
            self.refresh_token = data['data']['refresh']
            self.token_expires_at = datetime.now() + timedelta(minutes=14)
            return True
        else:
            print(f"Token refresh failed: {data['error']}")
            return False

    def get_headers(self):
        """Get headers with valid access token"""
        # Check if token is expired or about to expire
        if not self.token_expires_at or datetime.now() >= self.token_expires_at:
            if not self.refresh_access_token():
                raise Exception("Token expired and refresh failed")

        return {
            'Authorization': f'Bearer {self.access_token}',
            'Content-Type': 'application/json'
        }

    def get(self, endpoint):
        """Make authenticated GET request"""
        response = requests.get(
            f"{self.base_url}{endpoint}",
            headers=self.get_headers()
        )
        return response.json()

    def post(self, endpoint, data):
        """Make authenticated POST request"""
        response = requests.post(
            f"{self.base_url}{endpoint}",
            headers=self.get_headers(),
            json=data
        )
        return response.json()

# Usage
api = Igny8API()
api.login("user@example.com", "password")

# Make authenticated requests
keywords = api.get("/planner/keywords/")
