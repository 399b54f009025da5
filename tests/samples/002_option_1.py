def get_access_token():
    # Check if token is expired
    if is_token_expired(current_token):
        # Refresh token
        response = requests.post(
            f"{BASE_URL}/auth/refresh/",
            json={"refresh": refresh_token}
        )
        data = response.json()
        if data['success']:
            return data['data']['access']
    return current_token
