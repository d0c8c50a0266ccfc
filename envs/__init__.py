"""placeholder"""

if __name__ == "envs":
    raise ImportError("import ariadne.envs, not envs: under its bare name every class would exist twice")
