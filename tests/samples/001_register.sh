curl -X POST http://localhost:8000/api/auth/register \
  -H "Content-Type: application/json" \
  -d '{
    "username": "pythonista",
    "email": "pythonista@example.com",
    "password": "SecurePass123!",
    "first_name": "Guido",
    "last_name": "van Rossum"
  }'
