"""The collector of garbage stays out of the way while the program starts.

What is loaded at the start stays until the end. Looking through all of it for garbage finds none,
takes about as long as painting the first picture, and would come just before that.
"""

import gc


def hold_off() -> None:
    """Collect nothing until `begin`."""
    gc.disable()


def begin() -> None:
    """Collect from now on, but never look through what is loaded already.

    Does nothing where the collector was not held off: the app is then a part of something else.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
