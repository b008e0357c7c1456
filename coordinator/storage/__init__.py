"""Tables, parameter files and bodies on their way in: all that outlives the process."""
