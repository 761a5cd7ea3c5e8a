"""Encrypts a pack for whoever it is delivered to: with age, for their key or a passphrase told to them another way.

Source: age-encryption.org/v1 (C2SP). Must never write a pack that is not encrypted.
"""

from __future__ import annotations

from almoner.kernel.errors import UsageError

LEAST_PASSPHRASE = 14
"""Characters: who steals the file may guess as long as they like."""


def encrypt_for(content: bytes, *, recipient: str = "", passphrase: str = "") -> bytes:
    """Encrypt a pack for one recipient's key, or under a passphrase. Raises: UsageError."""
    import pyrage

    if bool(recipient) == bool(passphrase):
        raise UsageError("Say once for whom it is encrypted.", todo="Give their public key, or a passphrase.")
    if passphrase:
        if len(passphrase) < LEAST_PASSPHRASE:
            raise UsageError(
                f"The passphrase has fewer than {LEAST_PASSPHRASE} characters.",
                why="Whoever gets hold of the file may try as many as they like.",
                todo="Take four or more words that have nothing to do with the person.",
            )
        return bytes(pyrage.passphrase.encrypt(content, passphrase))
    try:
        key = pyrage.x25519.Recipient.from_str(recipient.strip())
    except pyrage.RecipientError:
        raise UsageError("This is no public key of age.", todo="It begins with 'age1'; ask for it again.") from None
    return bytes(pyrage.encrypt(content, [key]))
