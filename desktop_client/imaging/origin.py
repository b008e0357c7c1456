"""Where an image comes from, as its file's header says; never shown or logged as it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scanner:
    """What tells one device from another; empty where the header is silent."""

    manufacturer: str = ""
    model: str = ""
    station: str = ""
    serial_number: str = ""
    """Only tells two devices apart; it is neither shown nor sent."""

    @property
    def name(self) -> str:
        """What people call it, without its serial number: ``"GE LightSpeed"``."""
        is_repeated = self.model.casefold().startswith(self.manufacturer.casefold())
        parts = (self.model,) if is_repeated else (self.manufacturer, self.model)
        return " ".join(part for part in parts if part) or self.station or "Scanner"


@dataclass(frozen=True, slots=True, repr=False)
class Origin:
    """What a header says of scanner, patient and series; its text form would tell the patient."""

    scanner: Scanner | None = None
    patient_identifier: str = ""
    dicom_study_uid: str = ""
    series_uid: str = ""
    instance_uid: str = ""
