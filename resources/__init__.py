"""Files the programs ship: icons, study templates."""
