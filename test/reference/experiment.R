# experiment_results and experiment_srm against t.test, prop.test, lm and chisq.test. psql on the
# path finds a database with the extension. Prints TAP.
sql <- function(query) {
	out <- tempfile()
	status <- system2("psql", c("-XqAt", "-v", "ON_ERROR_STOP=1", "-F", "'|'", "-P", "null=NA", "-o", out), input = query)
	if (status != 0) quit(status = 1)
	read.delim(out, sep = "|", header = FALSE, stringsAsFactors = FALSE, na.strings = "NA")
}
n <- 0
failed <- 0
same <- function(name, ours, wanted, within = 1e-7) {
	ok <- length(ours) == length(wanted) && all(abs(ours - wanted) <= within * pmax(abs(wanted), 1e-3))
	n <<- n + 1
	if (!ok) failed <<- failed + 1
	cat(if (ok) "ok" else "not ok", n, "-", name, "\n")
	if (!ok) cat("# ", format(ours, digits = 15), " is not ", format(wanted, digits = 15), "\n")
}

seed <- commandArgs(TRUE)
set.seed(if (length(seed) > 0) as.integer(seed[1]) else 1)
users <- 400
variant <- sample(c("control", "new", "old"), users, TRUE, c(0.5, 0.3, 0.2))
x <- round(rexp(users, 1 / 20) * 8) / 8
y <- round((x + rexp(users, 1 / 10) + (variant == "new") * 3) * 8) / 8
rows <- c(sprintf("(%d, '2026-03-01 00:00+00', '%s', true, NULL)", 1:users, variant),
	sprintf("(%d, '2026-02-27 00:00+00', NULL, false, %.3f)", 1:users, x), sprintf("(%d, '2026-03-02 00:00+00', NULL, false, %.3f)", 1:users, y))
data <- sprintf("SET search_path = journey, public; SET extra_float_digits = 1; CREATE TEMP TABLE log (u int, at timestamptz, variant text, shown boolean, value float8); INSERT INTO log VALUES %s;", paste(rows, collapse = ","))
r <- sql(paste(data, "SELECT variant, users, mean, difference, lower, upper, p_value, q_value, adjusted_difference, adjusted_p_value FROM experiment_results((SELECT experiment(u, at, variant, shown, value, '7 days', '7 days') FROM log), 'control', 0.9)"))
g <- sql(paste(data, "SELECT variant, users, mean, difference, p_value FROM experiment_results((SELECT experiment(u, at, variant, shown, value > 25, '7 days') FROM log), 'control')"))
s <- sql(paste(data, "SELECT variant, users, chi_square, p_value FROM experiment_srm((SELECT experiment(u, at, variant, shown, value > 25, '7 days') FROM log), '{\"control\": 5, \"new\": 3, \"old\": 2}')"))
theta <- coef(lm(y ~ variant + x))[["x"]]
adjusted <- y - theta * (x - mean(x))
p <- c()
for (v in c("new", "old")) {
	row <- r[r$V1 == v, ]
	t <- t.test(y[variant == v], y[variant == "control"], conf.level = 0.9)
	p <- c(p, t$p.value)
	same(paste(v, "t.test: difference, interval, p value"), c(row$V4, row$V5, row$V6, row$V7), c(-diff(t$estimate)[[1]], t$conf.int, t$p.value))
	a <- t.test(adjusted[variant == v], adjusted[variant == "control"])
	same(paste(v, "t.test of what lm leaves"), c(row$V9, row$V10), c(-diff(a$estimate)[[1]], a$p.value))
	goal <- c(sum(y[variant == v] > 25), sum(y[variant == "control"] > 25))
	q <- prop.test(goal, c(sum(variant == v), sum(variant == "control")), correct = FALSE)
	row <- g[g$V1 == v, ]
	same(paste(v, "prop.test: difference, p value"), c(row$V4, row$V5), c(-diff(q$estimate)[[1]], q$p.value))
}
same("p.adjust", r$V8[r$V1 != "control"], p.adjust(p, "BH"))
k <- chisq.test(table(factor(variant, levels = s$V1)), p = c(0.5, 0.3, 0.2))
same("chisq.test", c(s$V3[1], s$V4[1]), c(k$statistic[[1]], k$p.value))
cat(sprintf("1..%d\n", n))
quit(status = as.integer(failed > 0))
