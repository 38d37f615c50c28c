-- They are added up anew.
DELETE FROM ending_month
