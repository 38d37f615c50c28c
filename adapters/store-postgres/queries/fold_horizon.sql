-- Sums are kept up to this month.
UPDATE balance_horizon SET month = $1
