"""How the API says no."""

from typing import Final

TYPE_OF_STATUS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    410: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class RefusalError(Exception):
    """A request that the API refuses.

    Args:
        status: The HTTP status.
        message: What the envelope says.
        type: The error type; the status's usual one if empty.
    """

    def __init__(self, status: int, message: str, type: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type or error_type(status)


def error_type(status: int) -> str:
    """Return the usual error type of a status."""
    return TYPE_OF_STATUS.get(status, "api_error" if status >= 500 else "invalid_request_error")
