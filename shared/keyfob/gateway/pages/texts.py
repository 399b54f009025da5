"""What pages say, in each language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Texts(NamedTuple):
    """One language's texts: by endpoint when it went well, by code when it failed, and what forms say.

    `complaints` are those about passwords, by the sentence that programs get. `invitation` has places for `account`,
    `role`, `product` and `email`.
    """

    messages: Mapping[str, str]
    failures: Mapping[str, str]
    failure: str
    complaints: Mapping[str, str]
    new_password: str
    save: str
    invitation: str
    password: str
    join: str


TEXTS: Final[Mapping[str, Texts]] = MappingProxyType(
    {
        "en": Texts(
            messages={
                "verify_email": "Thank you. Your email address is verified, and you can close this page.",
                "reset_password_page": (
                    "Your new password is saved, and all your sessions have ended. Please sign in again."
                ),
                "invitation_page": "You belong to the account now. Please sign in.",
            },
            failures={
                "account_exists": (
                    "There is an account with this email address already. Sign in with its password and verify the"
                    " address, or reset the password, then try again."
                ),
                "account_inactive": "This account is inactive.",
                "already_member": "You belong to this account already.",
                "authorization_code_rejected": "The provider did not accept this sign-in. Please start again.",
                "authorization_denied": "You or the provider declined this sign-in.",
                "email_not_verified": (
                    "Please verify your email address first: open the link in the mail that we sent you."
                ),
                "email_not_vouched": "The provider does not confirm your email address. Please verify it there first.",
                "invalid_credentials": (
                    "This is not your password. If you sign in without one, sign in first and accept the invitation"
                    " there."
                ),
                "invalid_one_time_token": (
                    "This link has been used already, has been replaced by a newer one, or has expired."
                ),
                "invalid_state": (
                    "This sign-in has expired, or was begun elsewhere. Please start again; if a program asked you to"
                    " come here, give it this page's address."
                ),
                "invitation_for_another": "This invitation went to another email address than yours.",
                "last_owner": (
                    "You are the only owner of the account that you are in, and others are in it too. Make one of them"
                    " an owner first, then open this link again."
                ),
                "resource_not_found": "There is no such page.",
                "throttled": "Too many attempts. Please wait a little and try again.",
                "unavailable": "This does not work at the moment. Please try again in a little while.",
                "untrusted_identity": "The provider's answer could not be trusted. Please try again.",
            },
            failure="Something went wrong. Please try again.",
            complaints={},
            new_password="New password",  # noqa: S106 - a label
            save="Save",
            invitation=(
                "You are invited to the account “{account}” as {role}. If you sign in to {product} with {email}"
                " already, enter your password; you then leave the account that you are in now. If not, choose a"
                " password now."
            ),
            password="Password",  # noqa: S106 - a label
            join="Join",
        ),
        "de": Texts(
            messages={
                "verify_email": "Danke. Ihre E-Mail-Adresse ist bestätigt; Sie können diese Seite schließen.",
                "reset_password_page": (
                    "Ihr neues Passwort ist gespeichert, und alle Ihre Sitzungen sind beendet. Bitte melden Sie"
                    " sich neu an."
                ),
                "invitation_page": "Sie gehören jetzt zu dem Konto. Bitte melden Sie sich an.",
            },
            failures={
                "account_exists": (
                    "Zu dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich mit seinem Passwort an und"
                    " bestätigen Sie die Adresse, oder setzen Sie das Passwort zurück; versuchen Sie es dann noch"
                    " einmal."
                ),
                "account_inactive": "Dieses Konto ist nicht aktiv.",
                "already_member": "Sie gehören schon zu diesem Konto.",
                "authorization_code_rejected": (
                    "Der Anbieter hat die Anmeldung nicht angenommen. Bitte beginnen Sie neu."
                ),
                "authorization_denied": "Sie oder der Anbieter haben die Anmeldung abgelehnt.",
                "email_not_verified": (
                    "Bitte bestätigen Sie zuerst Ihre E-Mail-Adresse: Öffnen Sie den Link in der Mail, die Sie von"
                    " uns haben."
                ),
                "email_not_vouched": (
                    "Der Anbieter bestätigt Ihre E-Mail-Adresse nicht. Bitte bestätigen Sie sie zuerst dort."
                ),
                "invalid_credentials": (
                    "Das ist nicht Ihr Passwort. Wenn Sie sich ohne eines anmelden, melden Sie sich zuerst an und"
                    " nehmen Sie die Einladung dort an."
                ),
                "invalid_one_time_token": (
                    "Dieser Link wurde schon benutzt, durch einen neueren ersetzt oder ist abgelaufen."
                ),
                "invalid_state": (
                    "Diese Anmeldung ist abgelaufen oder wurde anderswo begonnen. Bitte beginnen Sie neu; hat ein"
                    " Programm Sie hierher geschickt, geben Sie ihm die Adresse dieser Seite."
                ),
                "invitation_for_another": "Diese Einladung ging an eine andere E-Mail-Adresse als Ihre.",
                "last_owner": (
                    "Außer Ihnen hat das Konto, in dem Sie sind, keinen Besitzer, und es sind noch andere darin. Machen"
                    " Sie zuerst jemanden davon zum Besitzer, und öffnen Sie dann diesen Link noch einmal."
                ),
                "resource_not_found": "Diese Seite gibt es nicht.",
                "throttled": "Zu viele Versuche. Bitte warten Sie ein wenig und versuchen Sie es noch einmal.",
                "unavailable": "Das geht im Augenblick nicht. Bitte versuchen Sie es in einer Weile noch einmal.",
                "untrusted_identity": (
                    "Der Antwort des Anbieters war nicht zu trauen. Bitte versuchen Sie es noch einmal."
                ),
            },
            failure="Etwas ist schiefgegangen. Bitte versuchen Sie es noch einmal.",
            complaints={
                "Password is required": "Bitte geben Sie ein Passwort ein.",
                "Password must be at least 8 characters": "Das Passwort muss mindestens 8 Zeichen haben.",
                "Password must be at most 128 characters": "Das Passwort darf höchstens 128 Zeichen haben.",
                "Password is too common": "Dieses Passwort ist zu verbreitet.",
                "Password must not be your email or username": (
                    "Das Passwort darf weder Ihre E-Mail-Adresse noch Ihr Benutzername sein."
                ),
                "Password must be valid Unicode text without NUL": "Das Passwort enthält ungültige Zeichen.",
            },
            new_password="Neues Passwort",  # noqa: S106 - a label
            save="Speichern",
            invitation=(
                "Sie sind in das Konto „{account}“ eingeladen, als {role}. Wenn Sie sich bei {product} schon mit"
                " {email} anmelden, geben Sie Ihr Passwort ein; Sie verlassen dann das Konto, in dem Sie jetzt sind."
                " Wenn nicht, wählen Sie jetzt ein Passwort."
            ),
            password="Passwort",  # noqa: S106 - a label
            join="Beitreten",
        ),
    }
)
