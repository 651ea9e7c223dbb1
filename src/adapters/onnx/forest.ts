import { ModelMismatch } from '../../domain/errors.ts';
import type { Forest } from '../../forest/forest-file.ts';
import { forestStatistics } from '../../forest/forest-statistics.ts';
import { attributeType, elementType, encodeOnnxModel, type OnnxAttribute } from './schema.ts';

/** Stored in the file's documentation and metadata. */
export interface OnnxDescription {
  readonly version: string;
  readonly engine: string;
  readonly target: string;
  /** In the order of the input's columns. */
  readonly features: readonly string[];
}

export const ONNX_INPUT = 'features';
export const ONNX_OUTPUT = 'prediction';

/** ONNX 1.11, the first release with `_as_tensor` attributes; no newer than needed, so that older runtimes can read it. */
const IR_VERSION = 8;
const OPSETS = [
  { domain: '', version: 16 },
  { domain: 'ai.onnx.ml', version: 3 },
];
/** A protobuf message has at most 2 GiB, and a node takes at most 50 bytes. */
const MAX_NODES = 40_000_000;
/** onnxruntime builds a tree by recursion and crashes the process at some thousand levels. */
const MAX_DEPTH = 1_000;

/**
 * The forest as ONNX's `TreeEnsembleRegressor`: double features [N, features] in, float predictions [N, 1] out.
 * Thresholds and leaves stay double, so that rows reach the same leaves as here; only the mean is rounded to float.
 *
 * @throws ModelMismatch when the forest is too large for the format or its runtimes
 */
export function toOnnx(forest: Forest, { version, engine, target, features }: OnnxDescription): Uint8Array {
  requireExportable(forest);
  return encodeOnnxModel({
    irVersion: IR_VERSION,
    producerName: 'imdb-temporal',
    docString: `Random forest regression of ${target}: model ${version} of the engine ${engine}.`,
    opsetImport: OPSETS,
    metadataProps: [
      { key: 'version', value: version },
      { key: 'engine', value: engine },
      { key: 'target', value: target },
      { key: 'features', value: JSON.stringify(features) },
    ],
    graph: {
      name: `forest-${version}`,
      docString: `The mean over ${forest.trees} trees.`,
      input: [
        {
          name: ONNX_INPUT,
          docString: `Columns: ${features.join(', ')}`,
          type: tensorType(elementType.double, forest.features),
        },
      ],
      output: [{ name: ONNX_OUTPUT, docString: target, type: tensorType(elementType.float, 1) }],
      node: [
        {
          name: 'forest',
          domain: 'ai.onnx.ml',
          opType: 'TreeEnsembleRegressor',
          input: [ONNX_INPUT],
          output: [ONNX_OUTPUT],
          attribute: [...aggregation(), ...treeAttributes(forest)],
        },
      ],
    },
  });
}

function requireExportable(forest: Forest): void {
  if (forest.nodeCount > MAX_NODES) throw tooLarge(`at most ${MAX_NODES} nodes`, forest.nodeCount);
  const { depth } = forestStatistics(forest);
  if (depth.max > MAX_DEPTH) throw tooLarge(`trees of at most ${MAX_DEPTH} levels`, depth.max);
}

function tooLarge(expected: string, got: number): ModelMismatch {
  return new ModelMismatch({
    what: 'the forest is too large for ONNX',
    expected,
    got: `${got}`,
    hint: 'Train with forest.maxDepth, with a larger forest.minLeafRows, or with fewer trees',
  });
}

function tensorType(elemType: number, columns: number) {
  return { tensorType: { elemType, shape: { dim: [{ dimParam: 'N' }, { dimValue: columns }] } } };
}

function aggregation(): OnnxAttribute[] {
  return [
    { name: 'n_targets', type: attributeType.int, i: 1 },
    { name: 'aggregate_function', type: attributeType.string, s: Buffer.from('AVERAGE') },
    { name: 'post_transform', type: attributeType.string, s: Buffer.from('NONE') },
  ];
}

const LEAF = Buffer.from('LEAF');
const BRANCH = Buffer.from('BRANCH_LEQ');

function treeAttributes(forest: Forest): OnnxAttribute[] {
  const { nodeCount, values, words } = forest;
  const { treeIds, nodeIds } = identities(forest);
  const modes = new Array<Uint8Array>(nodeCount).fill(LEAF);
  const thresholds = new Float64Array(nodeCount);
  const featureIds = new Uint32Array(nodeCount);
  const lefts = new Uint32Array(nodeCount);
  const rights = new Uint32Array(nodeCount);
  const leaves: number[] = [];
  for (let node = 0; node < nodeCount; node += 1) {
    const right = words[node * 4 + 2] as number;
    if (right === 0) {
      leaves.push(node);
      continue;
    }
    modes[node] = BRANCH;
    thresholds[node] = values[node * 2] as number;
    featureIds[node] = words[node * 4 + 3] as number;
    lefts[node] = (nodeIds[node] as number) + 1;
    rights[node] = right;
  }
  const ofLeaves = (ids: Uint32Array) => Uint32Array.from(leaves, (node) => ids[node] as number);
  const predictions = Float64Array.from(leaves, (node) => values[node * 2] as number);
  return [
    ints('nodes_treeids', treeIds),
    ints('nodes_nodeids', nodeIds),
    ints('nodes_featureids', featureIds),
    { name: 'nodes_modes', type: attributeType.strings, strings: modes },
    doubles('nodes_values_as_tensor', thresholds),
    ints('nodes_truenodeids', lefts),
    ints('nodes_falsenodeids', rights),
    ints('target_ids', new Uint32Array(leaves.length)),
    ints('target_treeids', ofLeaves(treeIds)),
    ints('target_nodeids', ofLeaves(nodeIds)),
    doubles('target_weights_as_tensor', predictions),
  ];
}

/** For each node: its tree, and its position in the tree. */
function identities({ nodeCount, nodeCounts, starts }: Forest) {
  const treeIds = new Uint32Array(nodeCount);
  const nodeIds = new Uint32Array(nodeCount);
  starts.forEach((start, tree) => {
    const count = nodeCounts[tree] as number;
    treeIds.fill(tree, start, start + count);
    for (let node = 0; node < count; node += 1) nodeIds[start + node] = node;
  });
  return { treeIds, nodeIds };
}

function ints(name: string, values: Uint32Array): OnnxAttribute {
  return { name, type: attributeType.ints, ints: values };
}

function doubles(name: string, values: Float64Array): OnnxAttribute {
  const rawData = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return {
    name,
    type: attributeType.tensor,
    t: { dims: [values.length], dataType: elementType.double, rawData },
  };
}
