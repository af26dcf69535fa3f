"""What is imported and collected stays: in every process of the tests the garbage collector looks at it less often."""

import gc

gc.set_threshold(50_000, 20, 50)
