def validate_token(token):
    try:
        # Decode token (without verification for structure check)
        import jwt
        decoded = jwt.decode(token, options={"verify_signature": False})
        exp = decoded.get('exp')

        if exp and datetime.fromtimestamp(exp) < datetime.now():
            return False
        return True
    except:
        return False
