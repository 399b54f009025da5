"""Write `shared/keyfob/service/common_passwords.txt` anew: the common passwords that are long enough to be chosen.

Run with `uv run --with zxcvbn==4.5.0 python scripts/common_passwords.py`; zxcvbn's list counts leaked passwords.
"""

from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

MIN_CODE_POINTS = 8
TARGET = Path(__file__).parents[1] / "shared" / "keyfob" / "service" / "common_passwords.txt"

if __name__ == "__main__":
    passwords = {password.lower() for password in FREQUENCY_LISTS["passwords"] if len(password) >= MIN_CODE_POINTS}
    TARGET.write_text("\n".join(sorted(passwords)) + "\n", encoding="utf-8")
