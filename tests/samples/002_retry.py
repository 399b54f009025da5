def make_request_with_retry(url, headers, max_retries=3):
    for attempt in range(max_retries):
        response = requests.get(url, headers=headers)

        if response.status_code == 401:
            # Token expired, refresh and retry
            refresh_token()
            headers = get_headers()
            continue

        return response.json()

    raise Exception("Max retries exceeded")
