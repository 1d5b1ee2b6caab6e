"""Perceivers, data sets and weights (45x-48x)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E450",
        "unknown perceiver",
        "No installed package offers a perceiver of this name, and none was registered under it.",
        cure="Take one of the names that the message lists, install the package that offers it, or name the file of a "
        "saved network (`.pt`, `.pt2`, `.ts`).",
    ),
    Entry(
        "E451",
        "perceiver cannot be used",
        "A package offers the perceiver, but what its entry point names cannot be imported or makes no perceiver.",
        cure="Reinstall or remove that package; an entry point of the group `nesy.perception` names a function from "
        "`PerceiverOptions` to a `Perceiver`.",
    ),
    Entry(
        "E452",
        "classes and values do not match",
        "The network tells more, fewer or other classes apart than the percept's type has values, and nothing says "
        "which class means which value.",
        cure="Say it by `classes=`: one value (or None) per output, a mapping from classes to values, or `'domain'` to "
        "keep the classes that are values. Readings are then conditioned on the domain.",
    ),
    Entry(
        "E453",
        "wrong shape of inputs",
        "The last axes of the inputs are not one image of the shape that the perceiver reads.",
        cure="Bring the inputs to `[batch, index…, height, width]` with the perceiver's height and width.",
    ),
    Entry(
        "E454",
        "inputs are no images",
        "Inputs are bytes 0..255 or floats in 0..1; these have another type, are not finite, or lie outside.",
        cure="Convert brightness to uint8 or divide it by 255; replace NaN.",
    ),
    Entry(
        "E455",
        "network gives no readings",
        "The network failed on the inputs, or its outputs have the wrong shape, are not finite, or are no "
        "probabilities where probabilities were promised.",
        cure="Check `classes=`, `image_shape=` and `output=` (`'logits'` or `'probabilities'`); export a network with "
        "a dynamic first axis.",
    ),
    Entry(
        "E456",
        "classes= does not fit",
        "`classes=` has the wrong length, repeats a class, or names classes or values that do not exist.",
        cure="Give one value of the type, or None, for each output of the network.",
    ),
    Entry(
        "E457",
        "reading lies outside the type",
        "The network gives probability 0 to every value of the percept's type, so there is nothing to condition on.",
        cure="Check the input and `classes=`: the image may show something that the type does not have.",
    ),
    Entry(
        "E460",
        "unknown data set",
        "nesy knows no data set of this name.",
        cure="Take `digits`, `mnist` or `fashion-mnist`; own data go through `dataset_from_arrays`.",
    ),
    Entry(
        "E461",
        "data set not found",
        "The files of the data set lie in none of the folders where they are looked for, and no mirror gave them.",
        cure="Put the files into a folder and name it in the variable `NESY_DATA`, connect to the network once, or "
        "take the data set `digits`, which is always there.",
    ),
    Entry(
        "E462",
        "damaged data file",
        "A data file has the wrong format, length or checksum, or its images and labels do not belong together.",
        cure="Replace the file by an intact copy; a deleted file in the cache is downloaded again.",
    ),
    Entry(
        "E464",
        "unknown split",
        "A data set has the splits train, validation and test.",
        cure="Take one of the three.",
    ),
    Entry(
        "E470",
        "damaged weights",
        "A file of trained weights is incomplete, has the wrong checksum, or was made for something else.",
        cure="Delete the file that the message names: the network is trained anew when it is next needed.",
    ),
    Entry(
        "E471",
        "foreign checkpoint",
        "A checkpoint was written while another network was trained, or on other data, or with other settings.",
        cure="Delete the file to train anew, or name another file.",
    ),
    Entry(
        "E472",
        "saved network cannot be read",
        "The file is missing, or holds neither a TorchScript module nor a program of `torch.export`.",
        cure="Save the network by `torch.export.save` (ending `.pt2`) or `torch.jit.save`; a bare state_dict "
        "holds no network.",
    ),
    Entry(
        "E473",
        "impossible settings",
        "A setting of training or calibration lies outside its range, or there are no data for it.",
        cure="The message names the setting and its value.",
    ),
    Entry(
        "E474",
        "training diverged",
        "The loss stopped being a finite number.",
        cure="Take a smaller learning rate.",
    ),
    Entry(
        "E475",
        "damaged checkpoint",
        "A checkpoint cannot be read or lacks some of its parts.",
        cure="Delete the file to train anew.",
    ),
    Entry(
        "E476",
        "file cannot be written",
        "Weights, a checkpoint or a downloaded file cannot be written: the folder is read-only, or the disk is full.",
        cure="Make room, or name a folder that can be written in the variable `NESY_CACHE`.",
    ),
    Entry(
        "E477",
        "unknown corruption",
        "Images are to be corrupted in a way that nesy does not know.",
        cure="Take one of the kinds that the message lists: `rotation`, `occlusion`, `blur`, `fog`, `noise`.",
    ),
    Entry(
        "E478",
        "impossible intensity",
        "An intensity of a corruption lies outside 0 … 1 or is not a number, or there are more or fewer of them than "
        "images.",
        cure="Give one number in 0 … 1, or one for each image; 0 leaves an image as it is.",
    ),
    Entry(
        "E479",
        "images cannot be corrupted",
        "What is to be corrupted is not one batch of grey images as bytes.",
        cure="Bring brightness to 0..255 as uint8, and the images to `[batch, height, width]`.",
    ),
    Entry(
        "E480",
        "inputs cannot be read",
        "The path of the inputs does not exist, is of an unknown kind, or its content is damaged or ambiguous.",
        cure="Give an `.npz` or `.npy` array, an idx file, a folder of images, or a `.csv` file with paths of images.",
    ),
    Entry(
        "E481",
        "Pillow is missing",
        "Inputs are image files, and the package that decodes them is not installed.",
        cure="`pip install pillow`, or give the images as an array.",
    ),
    Entry(
        "E482",
        "inputs do not fit the index",
        "The number of images does not make up whole instances of the percept's index.",
        cure="Give `[batch, index…, height, width]`, or as many images as instances times indices, in the "
        "index's order.",
    ),
    Entry(
        "E483",
        "no such trained network",
        "nesy trains no network of this name, or not within this budget.",
        cure="Take one of the names and budgets that the message lists.",
    ),
)
