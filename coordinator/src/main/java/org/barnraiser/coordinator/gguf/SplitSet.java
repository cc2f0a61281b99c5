package org.barnraiser.coordinator.gguf;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.gguf.GgufException.Kind;

/** The files a model consists of: one, or a set named {@code …-00001-of-0000N.gguf} whose members number themselves. */
final class SplitSet {
    private static final Pattern MEMBER = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final String COUNT_KEY = "split.count";
    private static final String NUMBER_KEY = "split.no";
    private static final String TENSORS_KEY = "split.tensors.count";

    private SplitSet() {}

    /** Opens all files of the model that {@code member} belongs to, in split order. */
    static List<GgufFile> open(Path member, Arena arena) throws GgufException {
        GgufFile given = GgufFile.open(member, 0, arena);
        int count = given.metadata().whole(COUNT_KEY, 0, GgufFormat.MAX_SPLIT_FILES, 1);
        if (count <= 1) {
            return List.of(given);
        }
        String fileName = member.getFileName().toString();
        Matcher name = MEMBER.matcher(fileName);
        if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
            throw bad(fileName,
                    "the file belongs to a set of %d, but its name does not end in -0000x-of-%05d.gguf; give it its name back"
                            .formatted(count, count));
        }
        List<GgufFile> files = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Path path = member.resolveSibling("%s-%05d-of-%05d.gguf".formatted(name.group(1), i + 1, count));
            GgufFile file = GgufFile.open(path, i, arena);
            checkMember(file, i, count);
            files.add(file);
        }
        checkTensors(files);
        return files;
    }

    private static void checkMember(GgufFile file, int index, int count) throws GgufException {
        Metadata metadata = file.metadata();
        int itsCount = metadata.whole(COUNT_KEY, 0, GgufFormat.MAX_SPLIT_FILES);
        int itsNumber = metadata.whole(NUMBER_KEY, 0, GgufFormat.MAX_SPLIT_FILES);
        if (itsCount != count || itsNumber != index) {
            throw bad(file.path().getFileName().toString(),
                    "the file says that it is number %d of %d, but its name says %d of %d; get the set anew"
                            .formatted(itsNumber + 1, itsCount, index + 1, count));
        }
    }

    private static void checkTensors(List<GgufFile> files) throws GgufException {
        GgufFile first = files.getFirst();
        String fileName = first.path().getFileName().toString();
        Set<String> names = new HashSet<>();
        for (GgufFile file : files) {
            for (TensorInfo tensor : file.tensors()) {
                if (!names.add(tensor.name())) {
                    throw bad(fileName,
                            "tensor %s is in two files of the set; get the set anew".formatted(tensor.name()));
                }
            }
        }
        int announced = first.metadata().whole(TENSORS_KEY, 0, GgufFormat.MAX_TENSOR_COUNT, names.size());
        if (announced != names.size()) {
            throw bad(fileName,
                    "the set holds %d tensors, but announces %d; get the set anew".formatted(names.size(), announced));
        }
    }

    private static GgufException bad(String fileName, String problem) {
        return new GgufException(Kind.BAD_SPLIT, "%s: %s.".formatted(fileName, problem));
    }
}
