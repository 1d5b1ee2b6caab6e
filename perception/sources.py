"""The data sets that nesy knows: their files, checksums and mirrors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from types import MappingProxyType

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean


@dataclass(frozen=True, slots=True)
class DataFile:
    """One idx file: its ``name`` without ``.gz``, the SHA-256 of the compressed file and of its content."""

    name: str
    compressed: str
    content: str


@dataclass(frozen=True, slots=True)
class Source:
    """One data set. ``files`` are training images and labels, test images and labels (none: it is bundled).

    ``classes`` are what the labels mean, in order; ``validation`` images are held out at the end of the training files.
    """

    name: str
    title: str
    classes: tuple[int | str, ...]
    files: tuple[DataFile, ...] = ()
    mirrors: tuple[str, ...] = ()
    validation: int = 10_000

    @property
    def identity(self) -> str:
        """What the images, labels and split are recognised by without reading them; part of the key of weights."""
        if not self.files:
            return f"{self.name} of scikit-learn {version('scikit-learn')}"
        return " ".join([self.name, *(file.content for file in self.files), str(self.validation)])


_TRAIN_IMAGES, _TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
_TEST_IMAGES, _TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"

MNIST = Source(
    name="mnist",
    title="MNIST, handwritten digits, 28×28 (LeCun, Cortes, Burges)",
    classes=tuple(range(10)),
    files=(
        DataFile(
            _TRAIN_IMAGES,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        DataFile(
            _TRAIN_LABELS,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        DataFile(
            _TEST_IMAGES,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        DataFile(
            _TEST_LABELS,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
)

FASHION_MNIST = Source(
    name="fashion-mnist",
    title="Fashion-MNIST, articles of clothing, 28×28 (Xiao, Rasul, Vollgraf)",
    classes=(
        "tshirt",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle_boot",
    ),
    files=(
        DataFile(
            _TRAIN_IMAGES,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        DataFile(
            _TRAIN_LABELS,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        DataFile(
            _TEST_IMAGES,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        DataFile(
            _TEST_LABELS,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    mirrors=(
        "https://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
)

DIGITS = Source(
    name="digits",
    title="the digits bundled with scikit-learn, 8×8 (Alpaydin, Kaynak; UCI)",
    classes=tuple(range(10)),
)

SOURCES: Mapping[str, Source] = MappingProxyType({source.name: source for source in (DIGITS, MNIST, FASHION_MNIST)})


def find_source(name: str) -> Source:
    """The data set called ``name``; E460 if there is none."""
    if name not in SOURCES:
        hint = did_you_mean(name, SOURCES) or f"known are {', '.join(SOURCES)}"
        raise NesyError(Diagnostic("E460", f"there is no data set '{name}'", hint=hint))
    return SOURCES[name]
