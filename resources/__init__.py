"""Files the programs ship: icons, help pages, study templates."""
