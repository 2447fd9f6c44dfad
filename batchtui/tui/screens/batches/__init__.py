"""The batch list with the detail of the batch under the cursor."""
