"""What the tests of this package share."""

from collections.abc import AsyncIterator

import pytest

from tests.batches.simulated import Simulated


@pytest.fixture
async def service() -> AsyncIterator[Simulated]:
    """A simulated service with a client."""
    simulated = Simulated()
    async with simulated.client:
        yield simulated
