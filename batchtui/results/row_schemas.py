"""Which schema each row is held against: that of a file, or that of its own request."""

from collections.abc import Callable

from batchtui.results.index import ResultsIndex
from batchtui.results.query.reference import OF_REQUEST
from batchtui.results.schema import Schema, SchemaError, load_schema

SchemaOf = Callable[[int], Schema | None]
"""Returns the schema for a row; None if nothing is asked of it."""


def schemas_for(index: ResultsIndex, name: str) -> SchemaOf:
    """Return what gives each row the schema to hold its record against.

    Args:
        index: The rows.
        name: A file, or `OF_REQUEST`.

    Raises:
        SchemaError: The file is no schema; or the requests are not known, or ask for none.
        BatchtuiError: The requests cannot be read.
    """
    if name != OF_REQUEST:
        schema = load_schema(name)
        return lambda _: schema
    schemas = index.schemas
    if schemas is None:
        raise SchemaError(
            "The requests of these rows are not known",
            hint="Name their file: batchtui attach ID|RESULTS FILE; or give a schema: fits:FILE.",
        )
    schemas.require()
    return lambda row: schemas.schema_of(index.custom_id(row))
