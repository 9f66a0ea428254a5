"""Kept pictures go to who trains on them; deleted here once that is confirmed.

`uploading.uploading(config, shelf, wake)` begins it, or is `None` where none is wanted. `wake` is a
`threading.Event` that whoever keeps a picture sets.
"""
