"""Two runs of one job: joined, compared, asked about, written out."""
