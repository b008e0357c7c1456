"""How far a training is. Counts images, not steps, so that batches may become smaller; pure."""

from dataclasses import dataclass


@dataclass
class Course:
    """Steps and epochs of one training.

    Attributes:
        epoch_image_count: Images that make an epoch; as many as full batches hold.
        epoch_count: Epochs of the whole training.
        batch_size: Images of the next step.
        step: Steps taken.
        image_count: Images seen in them.
        epoch: Epochs finished.
    """

    epoch_image_count: int
    epoch_count: int
    batch_size: int
    step: int = 0
    image_count: int = 0
    epoch: int = 0

    @classmethod
    def of(cls, image_count: int, batch_size: int, epoch_count: int) -> "Course":
        """Plan epochs of full batches over so many images."""
        return cls(-(-image_count // batch_size) * batch_size, epoch_count, batch_size)

    @property
    def epoch_step_count(self) -> int:
        """Steps of an epoch at the present batch size."""
        return -(-self.epoch_image_count // self.batch_size)

    @property
    def step_count(self) -> int:
        """Steps of the whole training, if the batches stay as they are."""
        left = self.epoch_image_count * self.epoch_count - self.image_count
        return self.step + -(-left // self.batch_size)

    @property
    def progress(self) -> float:
        """Share of the training that will be done after the next step."""
        total = self.epoch_image_count * self.epoch_count
        return min(1.0, (self.image_count + self.batch_size) / total)

    @property
    def is_epoch_over(self) -> bool:
        """Whether the images of the present epoch have all been seen."""
        return self.image_count >= (self.epoch + 1) * self.epoch_image_count

    @property
    def is_over(self) -> bool:
        """Whether every epoch is finished."""
        return self.epoch >= self.epoch_count

    def advance(self) -> None:
        """Count a step."""
        self.step += 1
        self.image_count += self.batch_size
