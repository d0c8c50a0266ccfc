"""placeholder"""

if __name__ == "planners":
    raise ImportError("import ariadne.planners, not planners: under its bare name every class would exist twice")
