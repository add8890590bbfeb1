#include "analysis/tables/latex.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

TEST(Latex, IsATabularWithWhatLatexReservesEscaped) {
  const Table table{{{"model_size", Align::kLeft}, {"25%", Align::kDecimal}},
                    {{"mine & yours", "37.73"}, {R"(a\b~c^d$e#f{g})", "out_of_memory"}}};
  EXPECT_EQ(ToLatex(table), R"(% needs \usepackage{booktabs}
\begin{tabular}{lr}
\toprule
model\_size & 25\% \\
\midrule
mine \& yours & 37.73 \\
a\textbackslash{}b\~{}c\^{}d\$e\#f\{g\} & out\_of\_memory \\
\bottomrule
\end{tabular}
)");
}

TEST(Latex, KeepsAColumnWithoutAHeader) {
  EXPECT_EQ(ToLatex({{{"", Align::kLeft}, {"mean", Align::kDecimal}}, {{"count", "60"}}}),
            R"(% needs \usepackage{booktabs}
\begin{tabular}{lr}
\toprule
 & mean \\
\midrule
count & 60 \\
\bottomrule
\end{tabular}
)");
}

}  // namespace
}  // namespace tbench
