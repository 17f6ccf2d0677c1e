#include "cpu/convolution_part.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>

namespace lockstep {
namespace {

using Dims = dnnl::memory::dims;

constexpr int64_t kFewChannels = 8;   // fewer fill half of a vector at most
constexpr int64_t kManyPlaces = 512;  // so many columns make a matrix product fast

int64_t aligned(size_t bytes) { return static_cast<int64_t>((bytes + 63) / 64 * 64); }

dnnl::memory::data_type data_type(int32_t dtype) {
  return dtype == LS_BF16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

dnnl::memory::desc any(const dnnl::memory::desc &given, dnnl::memory::data_type type) {
  return {given.get_dims(), type, dnnl::memory::format_tag::any};
}

dnnl::memory::format_tag channels_last_tag(size_t rank) {
  using Tag = dnnl::memory::format_tag;
  return rank == 3 ? Tag::nwc : rank == 4 ? Tag::nhwc : Tag::ndhwc;
}

dnnl::memory::format_tag channels_first_tag(size_t rank) {
  using Tag = dnnl::memory::format_tag;
  return rank == 3 ? Tag::ncw : rank == 4 ? Tag::nchw : Tag::ncdhw;
}

dnnl::memory::desc with_tag(const dnnl::memory::desc &desc, dnnl::memory::format_tag tag) {
  return {desc.get_dims(), desc.get_data_type(), tag};
}

bool is_laid_out(const dnnl::memory::desc &desc, dnnl::memory::format_tag tag) { return desc == with_tag(desc, tag); }

int64_t places(const int64_t *extents, int32_t spatial_rank) {
  return std::accumulate(extents + 2, extents + 2 + spatial_rank, int64_t{1}, std::multiplies<>());
}

// Whether each element of y is one of x by a matrix, and nothing else.
bool is_matrix_product(const ls_convolution &c) {
  if (places(c.w_extents, c.spatial_rank) != 1) return false;
  for (int32_t d = 0; d < c.spatial_rank; ++d) {
    if (c.strides[d] != 1 || c.low[d] != 0 || c.x_extents[d + 2] != c.y_extents[d + 2]) return false;
  }
  return true;
}

// Sequences as images of one row, of which oneDNN computes more by its fast kernels.
ls_convolution as_images(const ls_convolution &c) {
  if (c.spatial_rank != 1) return c;
  ls_convolution images = c;
  images.spatial_rank = 2;
  const auto insert = [](auto *values, auto value) {
    values[1] = values[0];
    values[0] = value;
  };
  const auto insert_row = [&](int64_t *extents, ls_operand &operand) {
    insert(operand.strides + 2, operand.strides[2] * extents[2]);
    insert(extents + 2, int64_t{1});
  };
  insert_row(images.x_extents, images.x);
  insert_row(images.w_extents, images.w);
  insert_row(images.y_extents, images.y);
  insert(images.strides, int64_t{1});
  insert(images.dilation, int64_t{1});
  insert(images.low, int64_t{0});
  return images;
}

bool is_by_products(std::string_view implementation) { return implementation.find(":gemm:") != std::string_view::npos; }

bool is_direct(std::string_view implementation) {
  return !is_by_products(implementation) && !implementation.starts_with("ref");
}

// Moves on to matrix products if oneDNN has such an implementation, else stays.
template <typename Descriptor>
void prefer_products(Descriptor &descriptor) {
  Descriptor other = descriptor;
  while (!is_by_products(other.impl_info_str())) {
    if (!other.next_impl()) return;
  }
  descriptor = other;
}

}  // namespace

dnnl::memory::desc describe_operand(const ls_operand &operand, const int64_t *extents, int32_t rank, int64_t groups) {
  Dims dims(extents, extents + rank);
  Dims strides(operand.strides, operand.strides + rank);
  if (groups > 1) {
    dims[0] /= groups;
    dims.insert(dims.begin(), groups);
    strides.insert(strides.begin(), strides[0] * dims[1]);
  }
  return {dims, data_type(operand.dtype), strides};
}

int64_t ConvolutionPart::Placed::bytes() const { return moves ? aligned(wanted.get_size()) : 0; }

void ConvolutionPart::Placed::place(const Desc &desc, bool is_result) {
  wanted = desc;
  moves = given != wanted;
  if (!moves) return;
  const dnnl::engine &engine = onednn::engine();
  reorder = is_result ? dnnl::reorder({engine, wanted, engine, given}) : dnnl::reorder({engine, given, engine, wanted});
}

ConvolutionPart::ConvolutionPart(const ls_convolution &given) : kind_(given.kind) {
  const ls_convolution c = as_images(given);
  const int32_t rank = c.spatial_rank + 2;
  x_.given = describe_operand(c.x, c.x_extents, rank, 1);
  w_.given = describe_operand(c.w, c.w_extents, rank, c.groups);
  y_.given = describe_operand(c.y, c.y_extents, rank, 1);
  if (c.x.dtype == LS_BF16 && onednn::has_bf16()) {
    // A kernel's gradient, a sum over examples, is rounded by the reorder.
    const bool rounds = kind_ != LS_CONVOLUTION_KERNEL && result().given.get_data_type() == Dtype::bf16;
    try {
      create(c, Dtype::bf16, rounds ? Dtype::bf16 : Dtype::f32);
    } catch (const dnnl::error &error) {
      if (error.status != dnnl_unimplemented) throw;
    }
  }
  if (implementation_.empty() || implementation_.starts_with("ref")) {
    create(c, Dtype::f32, Dtype::f32);
  }
}

void ConvolutionPart::create(const ls_convolution &c, Dtype operands, Dtype result) {
  const Dtype weights = kind_ == LS_CONVOLUTION_KERNEL ? result : operands;
  const Choice any_layouts = {any(x_.given, kind_ == LS_CONVOLUTION_INPUT ? result : operands),
                              any(y_.given, kind_ == LS_CONVOLUTION_FORWARD ? result : operands)};
  const Choice chosen = choose(c, any_layouts);
  create(c, weights, chosen);
  if (chosen.products || is_direct(implementation_)) return;
  // Some layouts have no direct kernel; others have one that oneDNN does not propose.
  for (const Choice &choice : {any_layouts, channels_last(any_layouts)}) {
    ConvolutionPart other = *this;
    other.create(c, weights, choice);
    if (!is_direct(other.implementation_)) continue;
    *this = other;
    return;
  }
  create(c, weights, any_layouts);
}

ConvolutionPart::Choice ConvolutionPart::channels_last(const Choice &proposed) const {
  const auto rank = x_.given.get_dims().size();
  return {with_tag(proposed.x, channels_last_tag(rank)), with_tag(proposed.y, channels_last_tag(rank))};
}

bool ConvolutionPart::are_channels_last() const {
  const auto tag = channels_last_tag(x_.given.get_dims().size());
  return is_laid_out(x_.given, tag) && is_laid_out(y_.given, tag);
}

// The layouts that oneDNN proposes, and whether it proposes matrix products, are not always the fastest: they do not
// count reorders, and channels that do not fill a vector.
ConvolutionPart::Choice ConvolutionPart::choose(const ls_convolution &c, const Choice &proposed) const {
  const bool last = are_channels_last();
  const bool f32 = proposed.x.get_data_type() == Dtype::f32 && proposed.y.get_data_type() == Dtype::f32;
  if (f32 && c.groups == 1 && is_matrix_product(c)) {
    const auto first_tag = channels_first_tag(x_.given.get_dims().size());
    const bool first = is_laid_out(x_.given, first_tag) && is_laid_out(y_.given, first_tag);
    if (first && places(c.x_extents, c.spatial_rank) >= kManyPlaces) {
      return {with_tag(proposed.x, first_tag), with_tag(proposed.y, first_tag), true};
    }
    if (last && kind_ == LS_CONVOLUTION_KERNEL) {
      Choice choice = channels_last(proposed);
      choice.products = true;
      return choice;
    }
  }
  if (f32 && c.groups == 1 && kind_ == LS_CONVOLUTION_INPUT && c.x_extents[1] < kFewChannels) {
    return {proposed.x, proposed.y, true};
  }
  return last ? channels_last(proposed) : proposed;
}

void ConvolutionPart::create(const ls_convolution &c, Dtype weights_type, const Choice &choice) {
  const auto n = static_cast<size_t>(c.spatial_rank);
  Dims strides(c.strides, c.strides + n);
  Dims low(c.low, c.low + n);
  Dims gaps(n);
  Dims high(n);
  for (size_t d = 0; d < n; ++d) {
    gaps[d] = c.dilation[d] - 1;
    const int64_t reach = (c.w_extents[d + 2] - 1) * c.dilation[d] + 1;
    const int64_t needed = (c.y_extents[d + 2] - 1) * c.strides[d] + reach;
    high[d] = std::max<int64_t>(0, needed - c.x_extents[d + 2] - low[d]);
  }
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
  const Desc &x = choice.x;
  const Desc &y = choice.y;
  const Desc w = any(w_.given, weights_type);
  const auto direct = dnnl::algorithm::convolution_direct;
  const dnnl::engine &engine = onednn::engine();
  const auto finish = [&](const auto &descriptor, const Desc &src, const Desc &weights, const Desc &dst) {
    x_.place(src, kind_ == LS_CONVOLUTION_INPUT);
    w_.place(weights, kind_ == LS_CONVOLUTION_KERNEL);
    y_.place(dst, kind_ == LS_CONVOLUTION_FORWARD);
    scratchpad_ = descriptor.scratchpad_desc();
    implementation_ = descriptor.impl_info_str();
  };
  dnnl::convolution_forward::primitive_desc forward(engine, dnnl::prop_kind::forward_training, direct, x, w, y, strides,
                                                    gaps, low, high, attributes);
  if (kind_ == LS_CONVOLUTION_FORWARD) {
    if (choice.products) prefer_products(forward);
    finish(forward, forward.src_desc(), forward.weights_desc(), forward.dst_desc());
    primitive_ = dnnl::convolution_forward(forward);
  } else if (kind_ == LS_CONVOLUTION_INPUT) {
    dnnl::convolution_backward_data::primitive_desc input(engine, direct, x, w, y, strides, gaps, low, high, forward,
                                                          attributes);
    if (choice.products) prefer_products(input);
    finish(input, input.diff_src_desc(), input.weights_desc(), input.diff_dst_desc());
    primitive_ = dnnl::convolution_backward_data(input);
  } else {
    dnnl::convolution_backward_weights::primitive_desc kernel(engine, direct, x, w, y, strides, gaps, low, high,
                                                              forward, attributes);
    if (choice.products) prefer_products(kernel);
    finish(kernel, kernel.src_desc(), kernel.diff_weights_desc(), kernel.diff_dst_desc());
    primitive_ = dnnl::convolution_backward_weights(kernel);
  }
}

const ConvolutionPart::Placed &ConvolutionPart::result() const {
  return kind_ == LS_CONVOLUTION_FORWARD ? y_ : kind_ == LS_CONVOLUTION_INPUT ? x_ : w_;
}

int64_t ConvolutionPart::scratch_bytes() const {
  return x_.bytes() + w_.bytes() + y_.bytes() + aligned(scratchpad_.get_size());
}

void ConvolutionPart::reorder_kernel(void *w, void *to) const {
  const dnnl::engine &engine = onednn::engine();
  dnnl::stream stream(engine);
  dnnl::memory from(w_.given, engine, w);
  dnnl::memory wanted(w_.wanted, engine, to);
  w_.reorder.execute(stream, from, wanted);
  stream.wait();
}

void ConvolutionPart::run(void *x, void *w, void *y, void *kernel, char *scratch) const {
  const dnnl::engine &engine = onednn::engine();
  dnnl::stream stream(engine);
  const auto take = [&scratch](int64_t bytes) {
    char *const block = scratch;
    scratch += bytes;
    return block;
  };
  dnnl::memory user;
  const auto prepare = [&](const Placed &placed, void *at, void *prepared) {
    dnnl::memory outside(placed.given, engine, at);
    if (!placed.moves) return outside;
    dnnl::memory inside(placed.wanted, engine, prepared != nullptr ? prepared : take(placed.bytes()));
    if (&placed == &result()) {
      user = outside;
    } else if (prepared == nullptr) {
      placed.reorder.execute(stream, outside, inside);
    }
    return inside;
  };
  dnnl::memory source = prepare(x_, x, nullptr);
  dnnl::memory weights = prepare(w_, w, kernel);
  dnnl::memory destination = prepare(y_, y, nullptr);
  const dnnl::memory scratchpad(scratchpad_, engine, take(aligned(scratchpad_.get_size())));
  primitive_.execute(stream, {{kind_ == LS_CONVOLUTION_INPUT ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, source},
                              {kind_ == LS_CONVOLUTION_KERNEL ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, weights},
                              {kind_ == LS_CONVOLUTION_FORWARD ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, destination},
                              {DNNL_ARG_SCRATCHPAD, scratchpad}});
  if (result().moves) {
    dnnl::memory &inside = kind_ == LS_CONVOLUTION_FORWARD ? destination
                           : kind_ == LS_CONVOLUTION_INPUT ? source
                                                           : weights;
    result().reorder.execute(stream, inside, user);
  }
  stream.wait();
}

}  // namespace lockstep
