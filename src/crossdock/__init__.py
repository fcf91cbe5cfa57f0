"""crossdock: compose a multi-account delivery platform, deliver it to AWS, rehearse it on a laptop."""

__version__ = "0.1.0"
