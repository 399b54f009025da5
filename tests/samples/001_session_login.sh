curl -X POST http://localhost:8000/api/auth/session/login \
  -H "Content-Type: application/json" \
  -c cookies.txt \
  -d '{"username": "pythonista", "password": "SecurePass123!"}'
