"""Training of the built-in detector: pictures of the scene in, a model package out.

`python -m training generate | train | export | evaluate`, in this order; `make train` does all
four. `refit` learns a little more, from a device's pictures, and `grainy` shows what that does.
Only `network`, `decode`, `loss`, `average`, `batches`, `validate`, `train` and `export` need
PyTorch, only `quantize` and `export` need NNCF.
"""
