package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import org.barnraiser.proto.WorkerRecord;

/**
 * What is known when a plan is to be made.
 *
 * @param workers those to ask; who is known to be silent is not among them
 * @param elsewhere incarnations that are for other pipelines of the model
 * @param avoided incarnations that a plan does without when it can
 * @param prepared ids of the shards that each incarnation holds in memory, ready to run
 * @param ownEpoch of the last plan this coordinator wrote or adopted; 0 when there is none
 * @param atLeisure whether the model runs meanwhile and a plan is wanted only if it serves everybody: machines that want to leave
 *        are left out, and what runs may move
 */
record Circumstances(ImmutableList<WorkerRecord> workers, ImmutableSet<String> elsewhere, ImmutableSet<String> avoided,
        ImmutableSetMultimap<String, String> prepared, long ownEpoch, boolean atLeisure) {}
