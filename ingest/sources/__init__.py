"""Inputs that lie elsewhere: listed, fetched into the data home, then read like any file.

One file a kind: `web` (https), `buckets` (s3), `hub` (hf); what lies on this machine is found by
`ingest.inputs`. Nothing is fetched that was not asked for by its address.
"""
