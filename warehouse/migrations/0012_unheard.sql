-- Which hours of a day were not heard when it was last tested: closing a gap has it tested again.

ALTER TABLE tested_days ADD COLUMN unheard UBIGINT DEFAULT 0;
