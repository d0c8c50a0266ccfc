"""placeholder"""

if __name__ == "memory":
    raise ImportError("import ariadne.memory, not memory: under its bare name every class would exist twice")
