package dev.lariat.it.fuzzing;

import java.util.List;
import java.util.function.Function;

/**
 * A case of the catalogue.
 *
 * @param id its number in the suite, as {@code 9.1.3}
 * @param wishes what the server answers to offers of compression, best first; none declines all
 * @param play what happens, at a pace; made anew for each run
 */
record Case(String id, String description, List<Wish> wishes, Function<Pace, Play> play) {}
