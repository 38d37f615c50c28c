-- They are contained now.
DELETE FROM movement_new
