# Random numbers and what R says of them, as files for COPY: reference.R SEED PREFIX.
arguments <- commandArgs(trailingOnly = TRUE)
set.seed(as.integer(arguments[1]))
options(warn = -1)

write <- function(rows, name)
	write.table(ifelse(is.na(rows), NA, format(rows, digits = 17, trim = TRUE)), paste0(arguments[2], ".", name), sep = "\t", na = "\\N", quote = FALSE, row.names = FALSE, col.names = FALSE)

# Counts of all magnitudes, with zeros; sums above 0.
cells <- function(n, most) matrix(floor(10 ^ runif(4 * n, -1, most)), ncol = 4)
some <- function(rows) rows[rows[, 1] + rows[, 2] > 0 & rows[, 3] + rows[, 4] > 0 & rows[, 1] + rows[, 3] > 0 & rows[, 2] + rows[, 4] > 0, ]
tables <- some(rbind(cells(1500, 1.5), cells(500, 4), cells(40, 6)))
fourfold <- t(apply(tables, 1, function(x) {
	m <- matrix(x, 2, byrow = TRUE)
	h <- if (any(x == 0)) x + 0.5 else x
	error <- qnorm(0.975) * sqrt(sum(1 / h))
	ratio <- log(h[1] * h[4] / h[2] / h[3])
	c(x, fisher.test(m, conf.int = FALSE)$p.value, chisq.test(m, correct = FALSE)$p.value, exp(ratio), exp(ratio - error), exp(ratio + error))
}))
write(fourfold, "fourfold")

# Rates: prop.test of one sample gives Wilson's interval.
rates <- t(sapply(1:1000, function(i) {
	n <- 1 + floor(10 ^ runif(1, 0, 6))
	x <- rbinom(1, n, runif(1) ^ 3)
	level <- runif(1, 0.5, 0.999)
	c(x, n, level, prop.test(x, n, conf.level = level, correct = FALSE)$conf.int)
}))
write(rates, "rates")

# Strata; mantelhaen.test wants two users in each and something to compare.
strata <- do.call(rbind, lapply(1:300, function(i) {
	repeat {
		x <- matrix(as.double(rpois(4 * (2 + i %% 9), 10 ^ runif(1, -0.3, 3))), ncol = 4)
		x <- x[rowSums(x) > 1, , drop = FALSE]
		if (nrow(x) > 1 && sum(x[, 1] * x[, 4] / rowSums(x)) > 0 && sum(x[, 2] * x[, 3] / rowSums(x)) > 0)
			break
	}
	found <- mantelhaen.test(array(t(x[, c(1, 3, 2, 4)]), c(2, 2, nrow(x))))
	cbind(i, x, found$estimate, found$conf.int[1], found$conf.int[2], found$p.value, found$statistic)
}))
write(strata, "strata")

# Samples of few and many numbers.
samples <- t(sapply(1:500, function(i) {
	x <- rnorm(2 + floor(10 ^ runif(1, 0, 3)), 10, 10 ^ runif(1, -2, 2))
	y <- rnorm(2 + floor(10 ^ runif(1, 0, 3)), 10 + (i %% 5), 10 ^ runif(1, -2, 2))
	level <- runif(1, 0.5, 0.999)
	found <- t.test(x, y, conf.level = level)
	c(length(x), mean(x), sd(x), length(y), mean(y), sd(y), level, found$conf.int, found$p.value)
}))
write(samples, "samples")

# Many tests.
q <- do.call(rbind, lapply(1:100, function(i) {
	p <- round(runif(1 + i) ^ (1 + i %% 4), i %% 7 + 1)
	p[runif(1 + i) < 0.1] <- NA
	cbind(i, seq_along(p), p, p.adjust(p, "BH"))
}))
write(q, "q_values")
