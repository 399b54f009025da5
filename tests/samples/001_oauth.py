import httpx
from urllib.parse import urlparse, parse_qs

def oauth_login(provider: str = "github"):
    client = httpx.Client(follow_redirects=False)

    # Get authorization URL
    response = client.get(
        f"http://localhost:8000/api/auth/oauth/{provider}"
    )
    auth_url = response.headers["location"]
    print(f"Visit this URL to authorize: {auth_url}")

    # After authorization, paste the callback URL
    callback_url = input("Paste the callback URL here: ")
    parsed = urlparse(callback_url)
    params = parse_qs(parsed.query)
    code = params["code"][0]
    state = params["state"][0]

    # Exchange code for tokens
    callback_response = client.get(
        f"http://localhost:8000/api/auth/oauth/{provider}/callback",
        params={"code": code, "state": state}
    )
    tokens = callback_response.json()
    return tokens["access_token"]
