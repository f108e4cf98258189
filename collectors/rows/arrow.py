"""Arrow as this package types it.

The published stubs name a class for each type of value and know fewer kernels than Arrow has; a
column here is an array of whatever its field holds, and kernels are not checked.
"""

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute

pc: Final[Any] = pyarrow.compute

if TYPE_CHECKING:
    Column: TypeAlias = pa.Array[Any]
else:
    Column = pa.Array
