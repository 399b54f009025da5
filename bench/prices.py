"""What AWS charges, in US dollars: list prices of `REGION` as known on `AS_OF`, without any free tier."""

REGION = "us-east-1"
AS_OF = "2026-11-24"
MILLION = 1_000_000

API_REQUEST = 3.50 / MILLION
INVOCATION = 0.20 / MILLION
GIGABYTE_SECOND = 0.0000133334  # on arm64
READ_UNIT = 0.125 / MILLION
WRITE_UNIT = 0.625 / MILLION
LOG_KILOBYTE = 0.50 / MILLION
