"""How far a training is, worked out by hand."""

from desktop_client.training.course import Course


def test_the_last_images_of_an_epoch_fill_a_batch_with_the_first_of_the_next() -> None:
    course = Course.of(image_count=10, batch_size=4, epoch_count=2)
    assert (course.epoch_step_count, course.step_count) == (3, 6)
    for _ in range(3):
        assert not course.is_epoch_over
        course.advance()
    assert course.is_epoch_over
    assert course.progress == 4 / 6  # after the next step
    course.epoch += 1
    assert not course.is_epoch_over
    assert not course.is_over


def test_with_half_the_batch_the_rest_takes_twice_the_steps_and_progress_goes_on() -> None:
    course = Course.of(image_count=16, batch_size=8, epoch_count=2)
    course.advance()
    course.batch_size = 4
    assert course.step_count == 1 + 3 * 2
    assert course.progress == (8 + 4) / 32


def test_an_odd_batch_that_was_halved_overshoots_no_further_than_one_batch() -> None:
    course = Course.of(image_count=5, batch_size=5, epoch_count=1)
    course.batch_size = 2
    for _ in range(3):
        assert not course.is_epoch_over
        assert course.progress <= 1
        course.advance()
    assert course.is_epoch_over
    assert course.step_count == course.step == 3
