"""tinyvae in the interfaces of other libraries: scikit-learn, ONNX."""
