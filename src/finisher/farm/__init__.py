"""Units of picture work done elsewhere: by a dask cluster, or as an Open Job Description job."""
