"""Requests and files for the tests."""

import json
from pathlib import Path

Json = dict[str, object]


def params(**changes: object) -> Json:
    """Good params, with changes; a change to ``...`` removes the name."""
    made: Json = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 2048,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    made.update(changes)
    return {name: value for name, value in made.items() if value is not ...}


def request(number: int, **changes: object) -> Json:
    """A good request that asks what no other does, with changes to its params."""
    asked = [{"role": "user", "content": f"Hello {number}"}]
    return {"custom_id": f"r{number}", "params": params(**{"messages": asked, **changes})}


def line(value: object) -> bytes:
    """A value as one line without its end."""
    return json.dumps(value, ensure_ascii=False).encode()


def lines(*values: object) -> bytes:
    """Values as JSONL."""
    return b"".join(line(value) + b"\n" for value in values)


def write(folder: Path, content: bytes, name: str = "requests.jsonl") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content)
    return path
