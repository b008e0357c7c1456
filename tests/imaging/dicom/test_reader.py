"""DICOM files of every kind that can be written here give the pixels that went in."""

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import uid

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_frame, decode_frames, decode_image
from desktop_client.imaging.dicom import codecs
from desktop_client.imaging.image import ValueScale, Window
from tests.imaging.dicom.conftest import WriteDicom

SLOPES = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
COLOURS = (np.arange(64 * 64 * 3) // 48).astype(np.uint8).reshape(64, 64, 3)


def item_of(**elements: object) -> pydicom.Dataset:
    item = pydicom.Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    if "LUTData" in elements:
        item["LUTData"].VR = "US"
    return item


def reason_for(path: Path) -> str:
    with pytest.raises(ImageUnreadableError) as refusal:
        decode_image(path)
    return refusal.value.reason


# Transfer syntaxes


@pytest.mark.parametrize(
    "syntax",
    [
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
        uid.RLELossless,
        uid.JPEGLSLossless,
        uid.JPEG2000Lossless,
    ],
    ids=lambda syntax: syntax.name,
)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16])
def test_a_lossless_syntax_gives_the_same_pixels_and_values(
    write_dicom: WriteDicom, syntax: uid.UID, kind: type[np.integer]
) -> None:
    stored = (SLOPES.astype(np.int64) - 2000 if kind is np.int16 else SLOPES).astype(kind)
    (image,) = decode_image(write_dicom(stored, syntax=syntax))
    measured = image.pixels * image.scale.slope + image.scale.intercept
    assert measured.tolist() == stored.tolist()


@pytest.mark.parametrize(
    "syntax",
    [uid.ExplicitVRLittleEndian, uid.RLELossless, uid.JPEGLSLossless, uid.JPEG2000Lossless],
    ids=lambda syntax: syntax.name,
)
def test_colours_keep_their_order(write_dicom: WriteDicom, syntax: uid.UID) -> None:
    (image,) = decode_image(write_dicom(COLOURS, syntax=syntax))
    assert np.array_equal(image.pixels, COLOURS)


@pytest.mark.parametrize("syntax", [uid.JPEGLossless, uid.JPEGLosslessSV1])
def test_lossless_jpeg_of_16_bits_is_exact(write_dicom: WriteDicom, syntax: uid.UID) -> None:
    encoded = imagecodecs.ljpeg_encode(SLOPES, bitspersample=16)
    (image,) = decode_image(write_dicom(SLOPES, syntax=syntax, encoded=[encoded]))
    assert np.array_equal(image.pixels, SLOPES)


def test_high_throughput_jpeg_2000_is_exact(write_dicom: WriteDicom) -> None:
    encoded = imagecodecs.htj2k_encode(SLOPES, reversible=True)
    (image,) = decode_image(write_dicom(SLOPES, syntax=uid.HTJ2KLossless, encoded=[encoded]))
    assert np.array_equal(image.pixels, SLOPES)


@pytest.mark.parametrize(("stated", "is_rgb"), [("YBR_FULL_422", False), ("RGB", True)])
def test_the_colours_of_a_jpeg_are_those_that_it_was_made_of(
    write_dicom: WriteDicom, stated: str, is_rgb: bool
) -> None:
    # Smooth colours, so that JPEG changes them by at most a few grey levels.
    smooth = np.zeros((32, 32, 3), np.uint8) + np.array([200, 90, 40], np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(smooth).save(buffer, "JPEG", quality=95, keep_rgb=is_rgb)
    path = write_dicom(
        smooth,
        syntax=uid.JPEGBaseline8Bit,
        encoded=[buffer.getvalue()],
        PhotometricInterpretation=stated,
    )
    assert np.abs(decode_image(path)[0].pixels.astype(int) - smooth).max() <= 3


def test_the_jpeg_knows_its_colours_better_than_the_header(write_dicom: WriteDicom) -> None:
    red = np.zeros((16, 16, 3), np.uint8) + np.array([250, 10, 10], np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(red).save(buffer, "JPEG", quality=95)  # YCbCr, as JFIF says
    path = write_dicom(
        red,
        syntax=uid.JPEGBaseline8Bit,
        encoded=[buffer.getvalue()],
        PhotometricInterpretation="RGB",
    )
    assert np.abs(decode_image(path)[0].pixels.astype(int) - red).max() <= 5


def test_a_jpeg_ls_without_its_end_is_refused_before_it_is_decoded(
    write_dicom: WriteDicom,
) -> None:
    # CharLS looks for the rest of a cut off slice of 512 rows for four seconds.
    encoded = bytes(imagecodecs.jpegls_encode(SLOPES))
    path = write_dicom(SLOPES, syntax=uid.JPEGLSLossless, encoded=[encoded[: len(encoded) // 2]])
    assert reason_for(path) == "it is cut off: part of its pixels is missing"


# Grey values


def test_of_monochrome1_the_largest_value_is_black_and_still_measures_the_same(
    write_dicom: WriteDicom,
) -> None:
    path = write_dicom(
        np.array([[0, 100, 4095]], np.uint16),
        PhotometricInterpretation="MONOCHROME1",
        BitsStored=12,
    )
    (image,) = decode_image(path)
    assert image.pixels.tolist() == [[4095, 3995, 0]]
    assert image.scale == ValueScale(-1, 4095)


def test_a_ct_is_measured_in_hounsfield_units(write_dicom: WriteDicom) -> None:
    path = write_dicom(
        np.array([[-24, 1064]], np.int16),
        Modality="CT",
        RescaleSlope=1,
        RescaleIntercept=-1000,
        WindowCenter=40,
        WindowWidth=400,
    )
    (image,) = decode_image(path)
    assert (image.pixels * image.scale.slope + image.scale.intercept).tolist() == [[-1024, 64]]
    assert image.scale.unit == "HU"
    assert image.windows == (Window(40, 400),)


def test_unused_bits_are_no_part_of_the_value(write_dicom: WriteDicom) -> None:
    # Old files keep an overlay in the upper four bits.
    path = write_dicom(np.array([[0xF001, 0x0002]], np.uint16), BitsStored=12)
    assert decode_image(path)[0].pixels.tolist() == [[1, 2]]


def test_values_in_the_upper_bits_are_brought_down(write_dicom: WriteDicom) -> None:
    path = write_dicom(np.array([[0x0010, 0xFFF0]], np.uint16), BitsStored=12, HighBit=15)
    assert decode_image(path)[0].pixels.tolist() == [[1, 0xFFF]]


def test_single_bits_become_black_and_white_across_frames(write_dicom: WriteDicom) -> None:
    # Two frames of 3 x 3 bits: the second begins in the middle of a byte.
    bits = np.array([1, 0, 1, 0, 1, 0, 1, 0, 1] + [0] * 8 + [1], np.uint8)
    packed = np.packbits(bits, bitorder="little").reshape(1, 1, -1)
    path = write_dicom(
        packed, NumberOfFrames=2, Rows=3, Columns=3, BitsAllocated=1, BitsStored=1, HighBit=0
    )
    first, second = decode_image(path)
    assert first.pixels.tolist() == [[255, 0, 255], [0, 255, 0], [255, 0, 255]]
    assert second.pixels.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 255]]


def test_32_bits_are_spread_over_16_and_keep_their_values(write_dicom: WriteDicom) -> None:
    (image,) = decode_image(write_dicom(np.array([[10, 65545]], np.uint32)))
    assert image.pixels.tolist() == [[0, 65535]]
    assert image.scale == ValueScale(1, 10)


def test_a_modality_table_says_what_the_pixels_are(write_dicom: WriteDicom) -> None:
    item = item_of(LUTDescriptor=[4, 0, 16], LUTData=[0, 10, 20, 1000])
    path = write_dicom(np.array([[3, 1]], np.uint8), ModalityLUTSequence=[item])
    assert decode_image(path)[0].pixels.tolist() == [[1000, 10]]


# Colours


def test_a_palette_is_expanded(write_dicom: WriteDicom) -> None:
    planes = {
        f"{name}PaletteColorLookupTableData": np.array(entries, np.uint16).tobytes()
        for name, entries in (("Red", [0, 0xFF00]), ("Green", [0, 0x8000]), ("Blue", [0xFF00, 0]))
    }
    described = {
        f"{name}PaletteColorLookupTableDescriptor": [2, 0, 16] for name in ("Red", "Green", "Blue")
    }
    path = write_dicom(
        np.array([[0, 1]], np.uint8),
        PhotometricInterpretation="PALETTE COLOR",
        **described,
        **planes,
    )
    assert decode_image(path)[0].pixels.tolist() == [[[0, 0, 255], [255, 128, 0]]]


def test_ybr_is_converted(write_dicom: WriteDicom) -> None:
    # Pure red is Y 76, Cb 85, Cr 255. Source: DICOM PS3.3, C.7.6.3.1.2.
    ybr = np.zeros((2, 2, 3), np.uint8) + np.array([76, 85, 255], np.uint8)
    path = write_dicom(ybr, PhotometricInterpretation="YBR_FULL")
    assert np.abs(decode_image(path)[0].pixels.astype(int) - [255, 0, 0]).max() <= 1


def test_planes_one_after_the_other_are_interleaved(write_dicom: WriteDicom) -> None:
    planar = np.ascontiguousarray(np.moveaxis(COLOURS, -1, 0)).reshape(COLOURS.shape)
    (image,) = decode_image(write_dicom(planar, PlanarConfiguration=1))
    assert np.array_equal(image.pixels, COLOURS)


def test_the_second_decoder_of_runs_hides_no_mistake_of_ours(
    write_dicom: WriteDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_dicom(SLOPES, syntax=uid.RLELossless)
    raised: list[Exception] = [
        ValueError("too short"),
        imagecodecs.DicomrleError("dicomrle_decode", -1),
    ]

    def fail(*_arguments: object) -> None:
        raise raised.pop()

    monkeypatch.setattr(codecs, "_decode_rle", fail)
    for _ in range(2):
        assert np.array_equal(decode_image(path)[0].pixels, SLOPES)
    raised.append(TypeError("our own mistake"))
    reason_for(path)


# Frames


def test_frames_can_be_had_one_by_one(write_dicom: WriteDicom) -> None:
    frames = np.stack([SLOPES, SLOPES + 1, SLOPES + 2])
    path = write_dicom(frames, NumberOfFrames=3, syntax=uid.RLELossless)
    assert [image.frame for image in decode_image(path)] == [0, 1, 2]
    assert np.array_equal(decode_frame(path, 1).pixels, SLOPES + 1)
    assert [image.frame for image in decode_frames(path, wanted={0, 2})] == [0, 2]


def test_a_frame_that_is_not_there_is_refused(write_dicom: WriteDicom) -> None:
    with pytest.raises(ImageUnreadableError, match="no longer has a frame 3"):
        decode_frame(write_dicom(SLOPES), 2)


def test_every_frame_of_an_enhanced_file_has_its_own_values(write_dicom: WriteDicom) -> None:
    groups = [
        item_of(
            PixelValueTransformationSequence=[
                item_of(RescaleSlope=slope, RescaleIntercept=0, RescaleType="US")
            ],
            FrameVOILUTSequence=[item_of(WindowCenter=slope * 10, WindowWidth=4)],
        )
        for slope in (1, 2)
    ]
    path = write_dicom(
        np.stack([SLOPES, SLOPES]), NumberOfFrames=2, PerFrameFunctionalGroupsSequence=groups
    )
    images = decode_image(path)
    assert [image.scale.slope for image in images] == [1, 2]
    assert [image.windows for image in images] == [(Window(10, 4),), (Window(20, 4),)]


# Recognition and refusals


def test_a_file_without_preamble_is_recognised(write_dicom: WriteDicom) -> None:
    path = write_dicom(SLOPES, syntax=uid.ImplicitVRLittleEndian)
    content = path.read_bytes()
    path.write_bytes(content[content.index(b"\x08\x00\x16\x00") :])
    assert np.array_equal(decode_image(path)[0].pixels, SLOPES)


def test_a_file_that_is_also_a_tiff_is_read_as_dicom(write_dicom: WriteDicom) -> None:
    path = write_dicom(SLOPES, WindowCenter=40, WindowWidth=400)
    path.write_bytes(b"II*\0\x08\0\0\0" + path.read_bytes()[8:])
    assert decode_image(path)[0].windows == (Window(40, 400),)


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"Rows": 0}, "its rows is '0'"),
        ({"BitsAllocated": 12}, "its pixels have 12 bits; 1, 8, 16 and 32 can be read"),
        ({"Rows": 60000, "Columns": 60000}, "it has more pixels than any camera we know gives"),
        ({"PhotometricInterpretation": "HSV"}, "its colours are stored as HSV in 1 samples"),
        ({"Rows": 65}, "it is cut off: part of its pixels is missing"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_reason(
    write_dicom: WriteDicom, elements: dict[str, object], reason: str
) -> None:
    assert reason_for(write_dicom(SLOPES, **elements)).startswith(reason)


def test_a_video_is_named(write_dicom: WriteDicom) -> None:
    path = write_dicom(COLOURS, syntax=uid.MPEG4HP41, encoded=[b"\0\0\0\1"])
    assert reason_for(path) == "it holds a video; save its pictures as single frames"


def test_a_file_without_pixels_is_named(write_dicom: WriteDicom, tmp_path: Path) -> None:
    header = pydicom.dcmread(write_dicom(SLOPES))
    del header.PixelData
    header.SOPClassUID = uid.BasicTextSRStorage
    header.save_as(tmp_path / "report")
    reason = reason_for(tmp_path / "report")
    assert reason == "it is a DICOM file without an image (Basic Text SR Storage)"


def test_a_jpeg_that_is_cut_off_is_refused_rather_than_filled_with_grey(
    write_dicom: WriteDicom,
) -> None:
    buffer = io.BytesIO()
    Image.fromarray(COLOURS).save(buffer, "JPEG")
    half = buffer.getvalue()[: len(buffer.getvalue()) - 40]
    path = write_dicom(COLOURS, syntax=uid.JPEGBaseline8Bit, encoded=[half])
    assert reason_for(path) == "it is cut off: part of its pixels is missing"


def test_a_picture_of_another_size_is_refused_before_there_is_room_for_it(
    write_dicom: WriteDicom,
) -> None:
    encoded = bytearray(imagecodecs.jpeg2k_encode(SLOPES, level=0))
    size = encoded.index(b"\xff\x4f\xff\x51") + 8
    encoded[size : size + 8] = b"\0\1\0\0\0\1\0\0"  # 65536 x 65536
    path = write_dicom(SLOPES, syntax=uid.JPEG2000Lossless, encoded=[bytes(encoded)])
    assert reason_for(path) == "the picture in it has another size than its header says"
