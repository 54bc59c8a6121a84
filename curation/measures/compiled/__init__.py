"""The same measures compiled by numba, over Arrow's own buffers; equal to `definitions/`."""
